"""What in a history the Hub would refuse, or what would not work there: looked for, judged, told."""
