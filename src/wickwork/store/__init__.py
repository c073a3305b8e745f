"""What must survive: files that a kill or a power cut cannot spoil, and the journal of a run."""
