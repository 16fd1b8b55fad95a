package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// The kinds of documents.
const (
	DocumentPack    = "pack"
	DocumentOverlay = "overlay"
)

// Document is the text of a pack or an overlay, as it was read. From the texts
// the same policy can be made again, whatever became of the files.
type Document struct {
	Kind   string
	Name   string // a pack's ID; an overlay's file
	Base   string // digest of the pack that a pack extends; "" none
	Digest string // see [DocumentDigest]
	Text   []byte
}

// DocumentDigest is the digest of a text that builds on another one, or on none.
func DocumentDigest(base string, text []byte) string {
	sum := sha256.New()
	if base != "" {
		fmt.Fprintln(sum, base)
	}
	sum.Write(text)
	return hex.EncodeToString(sum.Sum(nil))
}

// Documents are the texts of the pack with all that it extends, the lowest
// first, and of its overlays.
func (l Layered) Documents() []Document {
	var out []Document
	for p := l.Pack; p != nil; p = p.base {
		d := Document{Kind: DocumentPack, Name: p.ID, Digest: p.Digest, Text: p.source}
		if p.base != nil {
			d.Base = p.base.Digest
		}
		out = append(out, d)
	}
	slices.Reverse(out)
	for _, o := range l.Overlay.layers() {
		out = append(out, Document{Kind: DocumentOverlay, Name: o.File, Digest: o.own, Text: o.source})
	}
	return out
}

// ErrNoDocument: a text is not there from which a policy is to be made again.
var ErrNoDocument = errors.New("pack: no such document")

// Restore makes a pack, with its overlay where one is named, again from texts
// that get gives by their digests. What it makes has these digests, or it is an
// error.
func Restore(packDigest, overlayDigest string, get func(digest string) (Document, bool)) (Layered, error) {
	var l Layered
	lib := shelf{}
	top, ok := get(packDigest)
	for d, found := top, ok; ; d, found = get(d.Base) {
		if !found || d.Kind != DocumentPack {
			return l, fmt.Errorf("%w: %s", ErrNoDocument, packDigest)
		}
		if lib[d.Name+"/pack.yaml"] != nil {
			return l, fmt.Errorf("pack: %s extends itself", d.Name)
		}
		lib[d.Name+"/pack.yaml"] = d.Text
		if d.Base == "" {
			break
		}
	}
	var err error
	if l.Pack, err = parse(lib, top.Name, top.Text, nil); err != nil {
		return l, err
	}
	if l.Digest != packDigest {
		return l, fmt.Errorf("pack: %s is not the document of %s", l.Digest, packDigest)
	}
	if overlayDigest == "" {
		return l, nil
	}
	over, ok := get(overlayDigest)
	if !ok || over.Kind != DocumentOverlay {
		return l, fmt.Errorf("%w: %s", ErrNoDocument, overlayDigest)
	}
	if l.Overlay, err = ParseOverlay(over.Name, over.Text); err != nil {
		return l, err
	}
	if l.Overlay.Digest != overlayDigest {
		return l, fmt.Errorf("pack: %s is not the document of %s", l.Overlay.Digest, overlayDigest)
	}
	return l, nil
}

// shelf holds packs by their paths.
type shelf map[string][]byte

// ReadFile implements fs.ReadFileFS.
func (s shelf) ReadFile(name string) ([]byte, error) {
	if text, ok := s[name]; ok {
		return slices.Clone(text), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// Open implements fs.FS; packs are only ever read whole.
func (s shelf) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
