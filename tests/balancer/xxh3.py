"""XXH3, 64 bits, of at most 128 bytes, with a seed: written from its specification, for reading rather than speed."""

M64 = (1 << 64) - 1
P32_1, P32_2, P32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
P64_1, P64_2, P64_3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P64_4, P64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
MX1, MX2 = 0x165667919E3779F9, 0x9FB21C651E98DF25

SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")


def read(data, offset, size):
    return int.from_bytes(data[offset:offset + size], "little")


def swap32(number):
    return int.from_bytes(number.to_bytes(4, "little"), "big")


def swap64(number):
    return int.from_bytes(number.to_bytes(8, "little"), "big")


def rotate(number, bits):
    return ((number << bits) | (number >> (64 - bits))) & M64


def fold(a, b):
    product = a * b
    return (product & M64) ^ (product >> 64)


def avalanche(h):
    h ^= h >> 37
    h = h * MX1 & M64
    return h ^ (h >> 32)


def avalanche_xxh64(h):
    h ^= h >> 33
    h = h * P64_2 & M64
    h ^= h >> 29
    h = h * P64_3 & M64
    return h ^ (h >> 32)


def short(data, seed):
    n = len(data)
    if n == 0:
        return avalanche_xxh64(seed ^ read(SECRET, 56, 8) ^ read(SECRET, 64, 8))
    if n <= 3:
        mixed = data[n - 1] | n << 8 | data[0] << 16 | data[n >> 1] << 24
        return avalanche_xxh64(mixed ^ ((read(SECRET, 0, 4) ^ read(SECRET, 4, 4)) + seed & M64))
    if n <= 8:
        seed ^= swap32(seed & 0xFFFFFFFF) << 32
        key = (read(SECRET, 8, 8) ^ read(SECRET, 16, 8)) - seed & M64
        h = (read(data, n - 4, 4) | read(data, 0, 4) << 32) ^ key
        h ^= rotate(h, 49) ^ rotate(h, 24)
        h = h * MX2 & M64
        h ^= (h >> 35) + n
        h = h * MX2 & M64
        return h ^ (h >> 28)
    first = read(data, 0, 8) ^ ((read(SECRET, 24, 8) ^ read(SECRET, 32, 8)) + seed & M64)
    last = read(data, n - 8, 8) ^ ((read(SECRET, 40, 8) ^ read(SECRET, 48, 8)) - seed & M64)
    return avalanche(n + swap64(first) + last + fold(first, last) & M64)


def mix16(data, at, secret_at, seed):
    low = read(data, at, 8) ^ (read(SECRET, secret_at, 8) + seed & M64)
    high = read(data, at + 8, 8) ^ (read(SECRET, secret_at + 8, 8) - seed & M64)
    return fold(low, high)


def xxh3_64(data, seed=0):
    n = len(data)
    if n <= 16:
        return short(data, seed)
    assert n <= 128
    h = n * P64_1 & M64
    for i in reversed(range((n - 1) // 32 + 1)):
        h += mix16(data, 16 * i, 32 * i, seed) + mix16(data, n - 16 * (i + 1), 32 * i + 16, seed)
    return avalanche(h & M64)
