package sources

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Endings of names under which programs write what is not finished.
var partial = []string{".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".lock"}

// ignored reports whether a name is passed over in silence: hidden, unfinished
// by its own name, or a system's leaving.
func ignored(name string) bool {
	lower := strings.ToLower(name)
	return name == "" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") || lower == "thumbs.db" || lower == "desktop.ini" ||
		slices.ContainsFunc(partial, func(end string) bool { return strings.HasSuffix(lower, end) })
}

// locksOf are the names that an editor puts beside a file while it has it open.
func locksOf(name string) []string {
	return []string{"~$" + name /* Excel, WPS */, ".~" + name /* WPS */, ".~lock." + name + "#" /* LibreOffice */}
}

// locked gives the lock beside a file, if there is one.
func locked(name string, beside map[string]bool) (string, bool) {
	for _, l := range locksOf(name) {
		if beside[l] {
			return l, true
		}
	}
	return "", false
}

func openReason(lock string) string {
	return "正在被编辑（旁边有 " + lock + "）；关闭后再运行。如果没有人在编辑，请删掉旁边的这个锁文件"
}

var errName = errors.New("文件名不能用")

// maxName is below the 255 bytes of most file systems.
const maxName = 200

// Clean makes a path from outside into one below a folder of ours, with / between
// its parts, that every system can hold. It refuses what has no name left and
// what leads elsewhere: who sends such a name does not mean well.
func Clean(outside string) (string, error) {
	parts := strings.Split(outside, "/")
	if outside == "" || len(parts) > maxDepth {
		return "", errName
	}
	for i, p := range parts {
		c, err := cleanName(p)
		if err != nil {
			return "", err
		}
		parts[i] = c
	}
	return strings.Join(parts, "/"), nil
}

// Names that Windows keeps for devices, with any ending.
var reserved = map[string]bool{"con": true, "prn": true, "aux": true, "nul": true, "conin$": true, "conout$": true}

func init() {
	for _, d := range []string{"com", "lpt"} {
		for _, n := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"} {
			reserved[d+n] = true
		}
	}
}

func cleanName(name string) (string, error) {
	if !utf8.ValidString(name) {
		// Old servers give names in GBK; the department is told from them.
		if s, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil {
			name = s
		}
		name = strings.ToValidUTF8(name, "_")
	}
	if name == "." || name == ".." {
		return "", errName
	}
	name = strings.Map(func(r rune) rune {
		// Cf has the marks that turn the direction of writing and so hide an ending.
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError || strings.ContainsRune(`<>:"|?*\/`, r) {
			return '_'
		}
		return r
	}, name)
	// Windows drops dots and spaces at the end.
	name = strings.TrimRightFunc(strings.TrimSpace(name), func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
	if strings.Trim(name, "_") == "" {
		return "", errName
	}
	stem, _, _ := strings.Cut(name, ".")
	if reserved[strings.ToLower(strings.TrimSpace(stem))] {
		name = "_" + name
	}
	if len(name) > maxName {
		name = marked(name, name)
	}
	return name, nil
}

// marked puts a mark, made from the full name, before the ending of a path: what
// must differ differs, and stays so from run to run.
func marked(rel, full string) string {
	sum := sha256.Sum256([]byte(full))
	dir, name := path.Split(rel)
	ext := path.Ext(name)
	if len(ext) > 16 {
		ext = ""
	}
	mark := "~" + hex.EncodeToString(sum[:4])
	stem := strings.TrimSuffix(name, ext)
	if over := len(stem) + len(mark) + len(ext) - maxName; over > 0 {
		stem = strings.ToValidUTF8(stem[:len(stem)-over], "")
	}
	return dir + stem + mark + ext
}
