"""The one loop: a program, its bars and the venue, brought together."""
