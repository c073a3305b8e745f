"""The node reference: a Markdown page for each group of nodes, with a picture of each node over the demo market."""
