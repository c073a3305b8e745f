"""A run as one HTML file that needs nothing else: `page` writes it, `data` says what stands in it."""
