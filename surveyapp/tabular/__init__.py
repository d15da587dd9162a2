"""Tables people hand in: cells with the address a spreadsheet shows, whatever the file format."""
