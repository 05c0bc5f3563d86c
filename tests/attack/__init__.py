"""An independent attack on releases: it reads public files only and shares no code with the protector."""
