"""Fixtures that start the storage emulator: one process for plain HTTP, one for HTTPS, at most, in a test run."""

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dev.azurite import AzuriteServer


@pytest.fixture(scope="session")
def azurite() -> Iterator[AzuriteServer]:
    """The emulator over plain HTTP, in memory; each test should use a container of its own."""
    with AzuriteServer() as server:
        yield server


@pytest.fixture(scope="session")
def azurite_certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for the loopback address, and its key."""
    return _self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def azurite_https(azurite_certificate: tuple[Path, Path]) -> Iterator[AzuriteServer]:
    """The emulator over HTTPS with bearer tokens, as a storage account in Azure is used."""
    with AzuriteServer(certificate=azurite_certificate) as server:
        yield server


def _self_signed(folder: Path) -> tuple[Path, Path]:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return folder / "certificate.pem", folder / "key.pem"
