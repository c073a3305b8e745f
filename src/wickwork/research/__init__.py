"""Many runs of one strategy: parameter sweeps, and the share of luck in the best result."""
