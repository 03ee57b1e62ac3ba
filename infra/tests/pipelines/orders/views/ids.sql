SELECT id FROM events
