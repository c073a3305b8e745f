"""The web: HTTP and WebSocket in front of `services`. Routes translate and check rights; they decide nothing else."""
