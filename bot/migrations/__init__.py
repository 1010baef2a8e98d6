"""How the database got its tables, one revision a file; run by `firstline db upgrade`."""
