"""The payment gateway that the settings name, for each process that asks one."""

from contextlib import suppress

from ivr.config import Settings
from ivr.errors import GatewayError
from ivr.gateways.payments import PaymentGateway
from ivr.gateways.sandbox import SandboxGateway


def payment_gateway(settings: Settings) -> PaymentGateway:
    """The gateway PAYMENT_GATEWAY names; `settings` has refused a name there is no gateway for."""
    if settings.payment_gateway == "stripe":
        # Half a second and hundreds of modules that no other line needs.
        from ivr.gateways.stripe import StripeGateway

        return StripeGateway(settings)
    gateway = SandboxGateway(settings.sandbox_ledger, settings.times.gateway)
    with suppress(GatewayError):
        gateway.make()
    return gateway
