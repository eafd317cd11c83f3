"""What facts mean: one kind of trouble to a file. Pure; each gives the causes that it finds (`causes(facts)`)."""
