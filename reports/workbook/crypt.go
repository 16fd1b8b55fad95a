package workbook

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"unicode/utf16"
)

// A file with a password is encrypted as Excel does it, by [MS-OFFCRYPTO] 2.3.4.10
// (agile encryption): the workbook under a random key in segments of 4096 bytes,
// AES-256 in CBC mode; that key under one derived from the password by 100,000
// rounds of SHA-512; and over all of it an HMAC, so that a change is noticed. The
// library's own way is the older standard encryption: AES-128 without chaining
// and without an HMAC, held in memory twice.

const (
	spins       = 100_000
	segment     = 4096
	maxPassword = 255 // Excel's limit, in UTF-16 units
)

// Block keys tell the purposes of keys and vectors apart.
var (
	forInput     = []byte{0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79}
	forHash      = []byte{0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e}
	forKey       = []byte{0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6}
	forHMACKey   = []byte{0x5f, 0xb2, 0xad, 0x01, 0x0c, 0xb9, 0xe1, 0xf6}
	forHMACValue = []byte{0xa0, 0x67, 0x7f, 0x02, 0xb2, 0x2c, 0x84, 0x33}
)

func checkPassword(p string) error {
	if n := len16(p); n > maxPassword {
		return fmt.Errorf("a password of %d characters; Excel takes %d", n, maxPassword)
	}
	return nil
}

// secrets are the random values of one file.
type secrets struct {
	key               [32]byte // of the workbook
	salt, keySalt     [16]byte
	verifier          [16]byte
	hmacKey, hmacHash [64]byte
}

// encrypt writes the workbook in from to the new file to, and brings it to the disk.
func encrypt(from, to, password string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	info, err := in.Stat()
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()

	var s secrets
	for _, b := range [][]byte{s.key[:], s.salt[:], s.keySalt[:], s.verifier[:], s.hmacKey[:]} {
		if _, err := rand.Read(b); err != nil {
			return fmt.Errorf("workbook: %w", err)
		}
	}
	sum := hmac.New(sha512.New, s.hmacKey[:])
	description := func() ([]byte, error) {
		copy(s.hmacHash[:], sum.Sum(nil))
		return s.describe(password)
	}
	size := packed(info.Size())
	err = writeContainer(out, size, func(w io.Writer) error {
		return s.pack(io.MultiWriter(w, sum), in, info.Size())
	}, description)
	if err == nil {
		err = out.Sync()
	}
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	return nil
}

// packed is the size of the encrypted workbook: its length in front, whole blocks,
// and no less than a stream of its own needs in the container.
func packed(size int64) int64 {
	return max(8+(size+aes.BlockSize-1)/aes.BlockSize*aes.BlockSize, 8+segment)
}

// pack encrypts the workbook, segment by segment.
func (s *secrets) pack(out io.Writer, in io.Reader, size int64) error {
	if _, err := out.Write(binary.LittleEndian.AppendUint64(nil, uint64(size))); err != nil {
		return err
	}
	block, err := aes.NewCipher(s.key[:])
	if err != nil {
		return err
	}
	left := packed(size) - 8
	buf := make([]byte, segment)
	for i := uint32(0); left > 0; i++ {
		part := buf[:min(left, segment)]
		n, err := io.ReadFull(in, part)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		clear(part[n:])
		vector := digest(s.keySalt[:], binary.LittleEndian.AppendUint32(nil, i))[:aes.BlockSize]
		cipher.NewCBCEncrypter(block, vector).CryptBlocks(part, part)
		if _, err := out.Write(part); err != nil {
			return err
		}
		left -= int64(len(part))
	}
	return nil
}

func digest(parts ...[]byte) []byte {
	h := sha512.New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// stretch makes of the password what its keys are made of.
func stretch(password string, salt []byte) []byte {
	var text []byte
	for _, u := range utf16.Encode([]rune(password)) {
		text = binary.LittleEndian.AppendUint16(text, u)
	}
	var h hash.Hash = sha512.New()
	sum := digest(salt, text)
	var count [4]byte
	for i := range uint32(spins) {
		binary.LittleEndian.PutUint32(count[:], i)
		h.Reset()
		h.Write(count[:])
		h.Write(sum)
		sum = h.Sum(sum[:0])
	}
	return sum
}

// sealed encrypts a value of whole blocks.
func sealed(key, vector, value []byte) (string, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	out := make([]byte, len(value))
	cipher.NewCBCEncrypter(block, vector).CryptBlocks(out, value)
	return base64.StdEncoding.EncodeToString(out), nil
}

// describe is the stream EncryptionInfo.
func (s *secrets) describe(password string) ([]byte, error) {
	from := stretch(password, s.salt[:])
	var err error
	under := func(purpose, value []byte) string {
		text, e := sealed(digest(from, purpose)[:32], s.salt[:], value)
		err = errors.Join(err, e)
		return text
	}
	guard := func(purpose, value []byte) string {
		text, e := sealed(s.key[:], digest(s.keySalt[:], purpose)[:aes.BlockSize], value)
		err = errors.Join(err, e)
		return text
	}
	const kind = `saltSize="16" blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512"`
	base := base64.StdEncoding.EncodeToString
	xml := `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\r\n" +
		`<encryption xmlns="http://schemas.microsoft.com/office/2006/encryption" xmlns:p="http://schemas.microsoft.com/office/2006/keyEncryptor/password" xmlns:c="http://schemas.microsoft.com/office/2006/keyEncryptor/certificate">` +
		`<keyData ` + kind + ` saltValue="` + base(s.keySalt[:]) + `"/>` +
		`<dataIntegrity encryptedHmacKey="` + guard(forHMACKey, s.hmacKey[:]) + `" encryptedHmacValue="` + guard(forHMACValue, s.hmacHash[:]) + `"/>` +
		`<keyEncryptors><keyEncryptor uri="http://schemas.microsoft.com/office/2006/keyEncryptor/password">` +
		`<p:encryptedKey spinCount="` + fmt.Sprint(spins) + `" ` + kind + ` saltValue="` + base(s.salt[:]) +
		`" encryptedVerifierHashInput="` + under(forInput, s.verifier[:]) +
		`" encryptedVerifierHashValue="` + under(forHash, digest(s.verifier[:])) +
		`" encryptedKeyValue="` + under(forKey, s.key[:]) + `"/></keyEncryptor></keyEncryptors></encryption>`
	const version = "\x04\x00\x04\x00\x40\x00\x00\x00"
	return slices.Concat([]byte(version), []byte(xml)), err
}
