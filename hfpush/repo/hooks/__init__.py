"""git's hooks of a repository: put in without harm to those that are there, taken out again; what is staged."""
