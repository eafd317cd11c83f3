"""RECEIVE: from a list of files to verified files in their place. plan (pure) decides, engine does, events tell."""
