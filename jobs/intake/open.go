package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"doudi/jobs/intake/csvfile"
	"doudi/jobs/intake/sheet"
	"doudi/jobs/intake/xls"
	"doudi/jobs/intake/xlsx"
)

// sniffLength is how much of a file is looked at to tell its format. Web pages
// saved as .xls begin with long style sheets, but say <html soon.
const sniffLength = 4 << 10

// OpenFile opens a spreadsheet, telling its format by its content and never by
// its name. A file that cannot be taken gives a *sheet.FileError; a file that
// cannot be read from the disk gives the error of package os.
func OpenFile(path string) (sheet.Book, error) {
	head, err := readHead(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	switch {
	case bytes.HasPrefix(head, []byte(oleMagic)):
		// Also an .xlsx under a password, which package xls knows and refuses.
		return xls.Open(path)
	case isBook(head):
		return xlsx.Open(path)
	case len(bytes.Trim(head, "\xEF\xBB\xBF \t\r\n\x00\x1A")) == 0 && len(head) < sniffLength:
		return nil, sheet.Refuse(sheet.CodeFormat, "文件是空的。请重新导出后再导入。", nil)
	}
	if what := foreign(head); what != "" {
		return nil, sheet.Refuse(sheet.CodeFormat, what+"请用 Excel 或 WPS 打开原表，另存为 .xlsx 后再导入。", nil)
	}
	return csvfile.Open(path)
}

// readHead reads the beginning of a file.
func readHead(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, sniffLength)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return head[:n], nil
}

// oleMagic begins the container of .xls and of books under a password.
const oleMagic = "\xD0\xCF\x11\xE0"

// isBook tells whether a file is a zip, or so little of one that it can only have
// been cut off.
func isBook(head []byte) bool {
	const zipMagic = "PK\x03\x04"
	for _, magic := range []string{zipMagic, "PK\x05\x06", "PK\x07\x08"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return len(head) > 0 && len(head) < len(zipMagic) && strings.HasPrefix(zipMagic, string(head))
}

// magics are the first bytes of files that are often sent by mistake.
var magics = []struct{ magic, what string }{
	{"%PDF-", "这是 PDF 文件，不是表格。"},
	{"\x89PNG", "这是图片，不是表格。"},
	{"\xFF\xD8\xFF", "这是图片，不是表格。"},
	{"GIF8", "这是图片，不是表格。"},
	{"II*\x00", "这是图片，不是表格。"},
	{"MM\x00*", "这是图片，不是表格。"},
	{"RIFF", "这是图片或音视频文件，不是表格。"},
	{"Rar!", "这是 RAR 压缩包，不是表格。"},
	{"7z\xBC\xAF", "这是 7z 压缩包，不是表格。"},
	{"\x1F\x8B", "这是压缩文件，不是表格。"},
	{"{\\rtf", "这是 RTF 文档，不是表格。"},
	{"SQLite format 3\x00", "这是数据库文件，不是表格。"},
	{"MIME-Version:", "这是网页存档（MHTML），不是表格。"},
}

// foreign says in Chinese what a file is that is neither a book nor a table in
// text, or "".
func foreign(head []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.what
		}
	}
	// Half of the bytes of UTF-16 are zeros; the tags looked for are ASCII.
	text := head
	if bytes.HasPrefix(head, []byte("\xFF\xFE")) || bytes.HasPrefix(head, []byte("\xFE\xFF")) {
		text = bytes.ReplaceAll(head[2:], []byte{0}, nil)
	}
	text = bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF")), " \t\r\n"))
	has := func(s string) bool { return bytes.Contains(text, []byte(s)) }
	switch {
	case bytes.HasPrefix(text, []byte(`{"`)), bytes.HasPrefix(text, []byte(`[{`)):
		return "这是 JSON 文件，不是表格。"
	case !bytes.HasPrefix(text, []byte("<")):
		return ""
	case has("urn:schemas-microsoft-com:office:spreadsheet") && !has("<html"):
		return "这是 XML 格式的表格（Excel 2003 XML），不是真正的 .xls 或 .xlsx 文件。"
	case has("<html"), has("<!doctype html"), has("<table"), has("<meta"), has("<head"), has("<style"):
		return "这是网页（HTML）表格，不是真正的 .xls 或 .xlsx 文件。"
	}
	return "这是带标记的文本（XML 或网页），不是表格。"
}
