"""The ways a call reaches the engine; today the telephone through Twilio."""
