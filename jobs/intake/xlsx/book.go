package xlsx

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"sync"

	"doudi/jobs/intake/sheet"
)

// book is an open workbook. Its methods may be used from several goroutines,
// each of its readers from one.
type book struct {
	parts    archive
	closer   io.Closer // nil in tests
	date1904 bool
	sheets   []entry

	stylesKey, stringsKey string // "" where the book has none

	mu     sync.Mutex
	loaded bool
	err    error // of loading; kept, so that every Open says the same
	styles styles
	shared *sharedStrings
}

type entry struct {
	name   string
	hidden bool
	key    string
}

// Open opens the .xlsx file at path. It reads the small parts of the book; the
// shared strings are read when the first sheet is opened. A file that cannot be
// taken gives a *sheet.FileError; a file that cannot be read from the disk gives
// the error of package os.
func Open(path string) (sheet.Book, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open workbook: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open workbook: %w", err), f.Close())
	}
	b, err := newBook(f, info.Size())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	b.closer = f
	return b, nil
}

// newBook reads the small parts of the workbook in r.
func newBook(r io.ReaderAt, size int64) (*book, error) {
	parts, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	b := &book{parts: parts}
	key, err := b.findWorkbook()
	if err != nil {
		return nil, err
	}
	var wb workbook
	if err := b.read("工作簿目录", key, func(r io.Reader) (err error) {
		wb, err = readWorkbook(r)
		return err
	}); err != nil {
		return nil, err
	}
	b.date1904 = wb.date1904
	return b, b.link(wb, key)
}

// read reads a small part with f; name is its Chinese name for messages.
func (b *book) read(name, key string, f func(io.Reader) error) error {
	p, err := b.parts.open(key, maxSmallPart)
	if err != nil {
		return refuse(name, err)
	}
	defer p.Close()
	if err := f(p); err != nil {
		return refuse(name, err)
	}
	return nil
}

// errNoBook refuses a zip that holds no workbook, and says what it is as far as
// that can be seen.
func (b *book) errNoBook(err error) error {
	const again = "请用 Excel 或 WPS 打开原表，另存为 .xlsx 后再导入。"
	is := func(message string) error { return sheet.Refuse(sheet.CodeFormat, message, err) }
	switch {
	case b.parts["word/document.xml"] != nil:
		return is("这是 Word 文档，不是表格。请把其中的表格复制到 Excel 或 WPS 表格，另存为 .xlsx 后再导入。")
	case b.parts["ppt/presentation.xml"] != nil:
		return is("这是 PowerPoint 演示文稿，不是表格。请导入 .xlsx 表格。")
	case b.parts["ofd.xml"] != nil:
		return is("这是 OFD 版式文件，不是表格。请向来源部门索取原来的 .xlsx 表格。")
	case b.parts["mimetype"] != nil && b.parts["content.xml"] != nil:
		return is("这是 OpenDocument 文件（如 .ods），不是 .xlsx。" + again)
	}
	for key := range b.parts {
		switch path.Ext(key) {
		case ".xlsx", ".xls", ".csv", ".et", ".xlsm", ".zip", ".rar":
			return is("这是压缩包，不是表格。请先解压，再导入其中的表格。")
		}
	}
	return is("文件里没有 Excel 工作簿。" + again)
}

var errMacro = sheet.Refuse(sheet.CodeMacro, "工作簿含有宏，不能导入。请用 Excel 或 WPS 打开，另存为不带宏的“Excel 工作簿（.xlsx）”后再导入。", nil)

// findWorkbook gives the key of the workbook's main part and refuses books with
// macros and books of other formats.
func (b *book) findWorkbook() (string, error) {
	const typesKey, rootKey = "[content_types].xml", "_rels/.rels"
	for key := range b.parts {
		if path.Base(key) == "vbaproject.bin" {
			return "", errMacro
		}
	}
	if b.parts[typesKey] == nil || b.parts[rootKey] == nil {
		return "", b.errNoBook(errors.New("no content types or no root relations"))
	}
	if err := b.read("文件类型说明", typesKey, func(r io.Reader) error {
		return readMediaTypes(r, checkMediaType)
	}); err != nil {
		return "", err
	}
	var links map[string]relation
	if err := b.read("文件关系说明", rootKey, func(r io.Reader) (err error) {
		links, err = readRelations(r, "")
		return err
	}); err != nil {
		return "", err
	}
	key, err := only(links, "officeDocument")
	if err != nil {
		return "", refuse("文件关系说明", err)
	}
	if b.parts[key] == nil || strings.HasPrefix(key, "word/") || strings.HasPrefix(key, "ppt/") {
		return "", b.errNoBook(fmt.Errorf("the main part is %q", key))
	}
	return key, nil
}

// checkMediaType refuses books with macros and binary books.
func checkMediaType(t string) error {
	switch {
	case strings.Contains(t, "sheet.binary"):
		return sheet.Refuse(sheet.CodeFormat, "这是二进制工作簿（.xlsb）。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。", nil)
	// The type of vbaProject.bin says nothing: some programs always declare it.
	case strings.Contains(t, "macroenabled"), strings.Contains(t, "macrosheet"):
		return errMacro
	}
	return nil
}

// only gives the target of the one relation of that kind, "" if there is none.
func only(links map[string]relation, kind string) (string, error) {
	target := ""
	for _, l := range links {
		if l.kind != kind {
			continue
		}
		if target != "" && target != l.target {
			return "", malformed("two relations of kind %s", kind)
		}
		target = l.target
	}
	return target, nil
}

// link finds the parts of the sheets, the styles and the shared strings.
func (b *book) link(wb workbook, key string) error {
	var links map[string]relation
	if err := b.read("工作簿关系说明", relationsOf(key), func(r io.Reader) (err error) {
		links, err = readRelations(r, key)
		return err
	}); err != nil {
		return err
	}
	var errs [2]error
	b.stylesKey, errs[0] = only(links, "styles")
	b.stringsKey, errs[1] = only(links, "sharedStrings")
	if err := errors.Join(errs[:]...); err != nil {
		return refuse("工作簿关系说明", err)
	}
	for _, l := range links {
		if l.kind == "vbaProject" {
			return errMacro
		}
	}
	unpacked := uint64(0)
	for _, s := range wb.sheets {
		l, ok := links[s.id]
		switch {
		case !ok:
			return refuse("工作表“"+s.name+"”", malformed("no relation %q", s.id))
		case l.kind == "worksheet":
			if b.parts[l.target] == nil {
				return refuse("工作表“"+s.name+"”", fmt.Errorf("%w: no part %q", errCut, l.target))
			}
			b.sheets = append(b.sheets, entry{name: s.name, hidden: s.hidden, key: l.target})
			// Two hundred sheets may all lead to the same large part.
			if unpacked += b.parts[l.target].UncompressedSize64; unpacked > sheet.MaxUnpacked {
				return refuse("工作簿", errUnpacked)
			}
		case strings.Contains(strings.ToLower(l.kind), "macrosheet"):
			return errMacro
		}
	}
	if len(b.sheets) == 0 {
		return sheet.Refuse(sheet.CodeFormat, "工作簿里没有数据表（是空的，或只有图表）。请检查是否选错了文件。", nil)
	}
	return nil
}

// load reads the styles and the shared strings once.
func (b *book) load() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.loaded {
		b.loaded, b.err = true, b.loadParts()
	}
	return b.err
}

func (b *book) loadParts() error {
	if b.stylesKey != "" {
		if err := b.read("样式表", b.stylesKey, func(r io.Reader) (err error) {
			b.styles, err = readStyles(r)
			return err
		}); err != nil {
			return err
		}
	}
	b.shared = &sharedStrings{}
	if b.stringsKey == "" {
		return nil
	}
	const name = "文字表（sharedStrings）"
	p, err := b.parts.open(b.stringsKey, sheet.MaxSharedStrings)
	if err != nil {
		return refuse(name, err)
	}
	defer p.Close()
	if b.shared, err = readSharedStrings(p); err != nil {
		return refuse(name, err)
	}
	return nil
}

func (b *book) Format() string { return "xlsx" }

func (b *book) Sheets() []string {
	names := make([]string, len(b.sheets))
	for i, s := range b.sheets {
		names[i] = s.name
	}
	return names
}

func (b *book) Open(i int) (sheet.Reader, error) {
	if i < 0 || i >= len(b.sheets) {
		return nil, fmt.Errorf("open sheet %d of %d", i, len(b.sheets))
	}
	if err := b.load(); err != nil {
		return nil, err
	}
	s := b.sheets[i]
	label := "工作表“" + s.name + "”"
	p, err := b.parts.open(s.key, sheet.MaxUnpacked)
	if err != nil {
		return nil, refuse(label, err)
	}
	return &reader{book: b, entry: s, label: label, part: p, sc: newScanner(p), column: -1}, nil
}

func (b *book) Close() error {
	if b.closer == nil {
		return nil
	}
	return b.closer.Close()
}
