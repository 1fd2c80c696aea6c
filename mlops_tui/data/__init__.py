"""Sources, scanning, profiles, versions, quarantine."""
