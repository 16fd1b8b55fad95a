package biff

import (
	"fmt"
	"io"
	"strings"

	"github.com/richardlehane/mscfb"

	"doudi/jobs/intake/sheet"
)

// oleMagic begins every OLE2 container.
const oleMagic = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

// openStream finds the workbook's stream and gives it with its length. What is
// no workbook, or one that is not taken, is refused.
func openStream(r io.ReaderAt, size int64) (io.Reader, int64, error) {
	if size > MaxFile {
		return nil, 0, fmt.Errorf("%w: %d bytes", errLarge, size)
	}
	head := make([]byte, min(size, int64(len(oleMagic))))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return nil, 0, err
	}
	switch {
	case len(head) > 0 && len(head) < len(oleMagic) && strings.HasPrefix(oleMagic, string(head)):
		return nil, 0, errCut
	case string(head) != oleMagic:
		return nil, 0, sheet.Refuse(sheet.CodeFormat, "这不是 .xls 文件。请用 Excel 或 WPS 打开原表，另存为 .xlsx 后再导入。", nil)
	}
	entries, err := openContainer(r)
	if err != nil {
		return nil, 0, err
	}
	f, err := pick(entries)
	if err != nil {
		return nil, 0, err
	}
	if f.Size > size {
		return nil, 0, fmt.Errorf("%w: a stream of %d bytes in a file of %d", errCut, f.Size, size)
	}
	return guarded{f}, f.Size, nil
}

// openContainer gives the entries at the top of the container. Whatever mscfb
// finds wrong, the file is damaged; a panic of it is no different.
func openContainer(r io.ReaderAt) (entries []*mscfb.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			entries, err = nil, fmt.Errorf("%w: mscfb: %v", errCut, p)
		}
	}()
	doc, err := mscfb.New(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCut, err)
	}
	for _, f := range doc.File {
		if len(f.Path) == 0 { // embedded books have folders of their own
			entries = append(entries, f)
		}
	}
	return entries, nil
}

// pick gives the workbook's stream. A book for both Excel 95 and 97 has two.
func pick(entries []*mscfb.File) (*mscfb.File, error) {
	found := map[string]*mscfb.File{}
	for _, f := range entries {
		found[strings.ToLower(f.Name)] = f
	}
	switch {
	case found["encryptedpackage"] != nil: // an .xlsx under a password
		return nil, sheet.Refuse(sheet.CodeEncrypted, "文件设有打开密码，无法读取。请在 Excel 或 WPS 中取消密码，另存为 .xlsx 后再导入。", nil)
	case found["worddocument"] != nil, found["powerpoint document"] != nil:
		return nil, sheet.Refuse(sheet.CodeFormat, "这是 Word 或 PowerPoint 文档，不是表格。请导入 .xlsx 表格。", nil)
	case found["_vba_project_cur"] != nil:
		return nil, sheet.Refuse(sheet.CodeMacro, "工作簿含有宏，不能导入。请另存为不带宏的 .xlsx 后再导入。", nil)
	}
	for _, name := range []string{"workbook", "book"} {
		if f := found[name]; f != nil && f.Size > 0 {
			return f, nil
		}
	}
	return nil, sheet.Refuse(sheet.CodeFormat, "文件里没有 Excel 工作簿。请用 Excel 或 WPS 打开原表，另存为 .xlsx 后再导入。", nil)
}

// guarded makes panics of mscfb errors.
type guarded struct{ f *mscfb.File }

func (g guarded) Read(b []byte) (n int, err error) {
	defer func() {
		if p := recover(); p != nil {
			n, err = 0, fmt.Errorf("%w: mscfb: %v", errCut, p)
		}
	}()
	n, err = g.f.Read(b)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w: %w", errCut, err)
	}
	return n, err
}
