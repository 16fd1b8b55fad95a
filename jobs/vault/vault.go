// Package vault seals what identifies a person, so that IDs and names lie in
// the database only as ciphertext, and gives a keyed hash by which a known ID
// can be found again.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"os"
	"strings"
	"sync"
)

const header = "doudi-key-1 "

// Vault seals with AES-256-GCM. It is safe for concurrent use.
type Vault struct {
	aead   cipher.AEAD
	macKey []byte
	pool   sync.Pool
}

// New derives the vault's two keys from 32 secret bytes.
func New(secret []byte) (*Vault, error) {
	if len(secret) != 32 {
		return nil, errors.New("vault: the key must have 32 bytes")
	}
	enc, err := hkdf.Key(sha256.New, secret, nil, "doudi seal", 32)
	if err != nil {
		return nil, err
	}
	mac, err := hkdf.Key(sha256.New, secret, nil, "doudi lookup", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(enc)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	v := &Vault{aead: aead, macKey: mac}
	v.pool.New = func() any { return hmac.New(sha256.New, v.macKey) }
	return v, nil
}

// Seal encrypts text; about ties it to its use, so that boxes can not be
// swapped between kinds.
func (v *Vault) Seal(about, text string) []byte {
	nonce := make([]byte, v.aead.NonceSize(), v.aead.NonceSize()+len(text)+v.aead.Overhead())
	rand.Read(nonce) // never fails
	return v.aead.Seal(nonce, nonce, []byte(text), []byte(about))
}

// Open decrypts what Seal made.
func (v *Vault) Open(about string, box []byte) (string, error) {
	n := v.aead.NonceSize()
	if len(box) < n {
		return "", errors.New("vault: a sealed value is too short")
	}
	text, err := v.aead.Open(nil, box[:n], box[n:], []byte(about))
	if err != nil {
		return "", fmt.Errorf("vault: a sealed value does not open with this key: %w", err)
	}
	return string(text), nil
}

// Lookup is the keyed hash of a text, the same for the same key.
func (v *Vault) Lookup(about, text string) [16]byte {
	h := v.pool.Get().(hash.Hash)
	defer v.pool.Put(h)
	h.Reset()
	h.Write([]byte(about))
	h.Write([]byte{0})
	h.Write([]byte(text))
	return [16]byte(h.Sum(nil)[:16])
}

// Create writes a new key file, readable by its owner alone. It refuses to
// overwrite: the data of a lost key can not be read again.
func Create(path string) error {
	var secret [32]byte
	rand.Read(secret[:])
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(header + base64.StdEncoding.EncodeToString(secret[:]) + "\n"); err != nil {
		f.Close()
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Open reads a key file.
func Open(path string) (*Vault, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text, ok := strings.CutPrefix(strings.TrimSpace(string(data)), header)
	if !ok {
		return nil, errors.New("vault: not a key file of doudi")
	}
	secret, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("vault: the key file is damaged: %w", err)
	}
	return New(secret)
}
