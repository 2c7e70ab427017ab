"""A stand-in for Twilio: it plays an app's TwiML to a telephone, over HTTP with signed requests.

It imports nothing of the app, as the real carrier would not, and knows it only by its URLs.
"""

from ivr.carrier.phone import Phone, PhoneError
from ivr.carrier.waits import Agent, Heard

__all__ = ["Agent", "Heard", "Phone", "PhoneError"]
