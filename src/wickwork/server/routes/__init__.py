"""The resources: one file each, with a `router`. Every file here is part of the application."""
