"""The program around tcpdump's text: options, files and interfaces in, lines or files out."""
