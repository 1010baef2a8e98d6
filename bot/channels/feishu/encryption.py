"""What Feishu encrypts with the app's Encrypt Key: AES-256 in CBC mode, the vector first."""

import base64
import binascii
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

BLOCK = 16  # bytes


def decrypt(key: str, text: str) -> bytes:
    """Raises ValueError for what was not encrypted with this key."""
    try:
        sealed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
    if len(sealed) < 2 * BLOCK or len(sealed) % BLOCK:
        raise ValueError("not whole blocks")
    opened = Cipher(algorithms.AES256(sha256(key.encode()).digest()), modes.CBC(sealed[:BLOCK]))
    decryptor = opened.decryptor()
    padded = decryptor.update(sealed[BLOCK:]) + decryptor.finalize()
    unpadder = PKCS7(8 * BLOCK).unpadder()
    return unpadder.update(padded) + unpadder.finalize()
