package workbook

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestPassword: what is encrypted is the plain book to the byte, for whoever has
// the password and for nobody else; nothing of it lies anywhere in the clear.
func TestPassword(t *testing.T) {
	dir := t.TempDir()
	plain, locked := filepath.Join(dir, "plain.xlsx"), filepath.Join(dir, "locked.xlsx")
	b := Book{Title: "八月", Sheets: []Sheet{texts("名单", "欧阳明月", "99330119700101000X")}}
	if err := Write(plain, b); err != nil {
		t.Fatal(err)
	}
	b.Password = "口令-Pa55 wörd"
	if err := Write(locked, b); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	got := decrypted(t, plain, locked, b.Password)
	if f, err := excelize.OpenFile(locked, excelize.Options{Password: "Pa55"}); err == nil {
		t.Errorf("a wrong password opened it: %v", f.Close())
	}
	f, err := excelize.OpenFile(locked, excelize.Options{Password: b.Password})
	if err != nil {
		t.Fatal(err)
	}
	if text := raw(t, f, "名单", "A2"); text != "欧阳明月" {
		t.Errorf("A2 is %q", text)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	// Another writing has another key.
	if err := Write(locked, b); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(locked); err != nil || bytes.Equal(again, got) {
		t.Errorf("two writings are equal, %v", err)
	}
}

// decrypted makes sure that a file is what plain holds, encrypted.
func decrypted(t *testing.T, plain, locked, password string) []byte {
	t.Helper()
	want, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(locked)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(got, want[len(want)/2:len(want)/2+64]) {
		t.Error("the encrypted file holds plain bytes")
	}
	open, err := excelize.Decrypt(got, &excelize.Options{Password: password})
	if err != nil || !bytes.HasPrefix(open, want) || len(open)-len(want) > segment || len(bytes.Trim(open[len(want):], "\x00")) > 0 {
		t.Errorf("decrypted %d bytes, %v, want %d", len(open), err, len(want))
	}
	return got
}

// Every size ends well: within a block, a segment, a sector; with a table of
// sectors in the header, and beyond it.
func TestEncryptedSizes(t *testing.T) {
	noise := make([]byte, 17<<20)
	rand.NewChaCha8([32]byte{1}).Read(noise)
	for _, n := range []int{100, 4088, 4096, 4097, 8192 + 15, 8192 + 16, 65_000, 7<<20 + 1<<16, 7<<20 + 1<<17, len(noise)} {
		dir := t.TempDir()
		plain, locked := filepath.Join(dir, "plain"), filepath.Join(dir, "locked")
		if err := os.WriteFile(plain, noise[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := encrypt(plain, locked, "a"); err != nil {
			t.Fatal(err)
		}
		decrypted(t, plain, locked, "a")
	}
}

func TestPasswordTooLong(t *testing.T) {
	for n, ok := range map[int]bool{255: true, 256: false} {
		b := Book{Password: strings.Repeat("口", n), Sheets: []Sheet{texts("a", "b")}}
		err := Write(filepath.Join(t.TempDir(), "a.xlsx"), b)
		if (err == nil) != ok {
			t.Errorf("a password of %d characters: %v", n, err)
		}
		if err != nil && strings.Contains(err.Error(), "口口") {
			t.Error("the error tells the password")
		}
	}
}

// TestIntegrity: the HMAC in the file is that of the package, so that a reader
// notices a change. LibreOffice and Excel look at it.
func TestIntegrity(t *testing.T) {
	dir := t.TempDir()
	plain, locked := filepath.Join(dir, "plain"), filepath.Join(dir, "locked")
	if err := os.WriteFile(plain, bytes.Repeat([]byte("0123456789"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	const password = "口令"
	if err := encrypt(plain, locked, password); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(locked)
	if err != nil {
		t.Fatal(err)
	}
	attribute := func(after, name string) []byte {
		_, rest, _ := bytes.Cut(file, []byte(after))
		_, rest, _ = bytes.Cut(rest, []byte(name+`="`))
		text, _, _ := bytes.Cut(rest, []byte(`"`))
		b, err := base64.StdEncoding.DecodeString(string(text))
		if err != nil || len(b) == 0 {
			t.Fatalf("%s: %q, %v", name, text, err)
		}
		return b
	}
	open := func(key, vector, value []byte) []byte {
		block, err := aes.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		out := make([]byte, len(value))
		cipher.NewCBCDecrypter(block, vector[:aes.BlockSize]).CryptBlocks(out, value)
		return out
	}
	salt, keySalt := attribute("<p:encryptedKey", "saltValue"), attribute("<keyData", "saltValue")
	from := stretch(password, salt)
	key := open(digest(from, forKey)[:32], salt, attribute("<p:encryptedKey", "encryptedKeyValue"))
	verifier := open(digest(from, forInput)[:32], salt, attribute("<p:encryptedKey", "encryptedVerifierHashInput"))
	if got := open(digest(from, forHash)[:32], salt, attribute("<p:encryptedKey", "encryptedVerifierHashValue")); !bytes.Equal(got, digest(verifier)) {
		t.Error("the password's verifier is wrong")
	}
	sum := hmac.New(sha512.New, open(key, digest(keySalt, forHMACKey), attribute("<dataIntegrity", "encryptedHmacKey")))
	sum.Write(file[sector : sector+packed(10_000)])
	if want := open(key, digest(keySalt, forHMACValue), attribute("<dataIntegrity", "encryptedHmacValue")); !bytes.Equal(sum.Sum(nil), want) {
		t.Error("the HMAC is not that of the package")
	}
}
