"""A run as one HTML file without external files: `page` writes it, `data` computes its content."""
