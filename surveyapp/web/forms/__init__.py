"""Forms: fields that ask, made from definitions; every rule about an answer lives in questionnaires."""
