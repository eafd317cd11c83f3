"""A rewritten history takes the place of the old one: refs, index and `.gitattributes`, with a way back."""
