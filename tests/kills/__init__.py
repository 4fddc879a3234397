"""The line to the database is cut before and after every statement of the flows of money."""
