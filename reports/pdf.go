package reports

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"doudi/reports/soffice"
)

// printed prints the first page of a leaders' workbook beside it, if that is
// asked for, and gives its path; "" where it is not printed. A page of another
// run never stays beside a new workbook. LibreOffice writes the hour into a PDF, so
// that its bytes differ from one printing to the next.
func (o Options) printed(ctx context.Context, p plan, book string) (string, error) {
	pdf := strings.TrimSuffix(book, filepath.Ext(book)) + ".pdf"
	if err := os.Remove(pdf); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if !o.PDF {
		return "", nil
	}
	if p.Password != "" { // what is locked in the workbook is not to lie open beside it
		o.notPrinted(p.Name+"的工作簿设了密码，没有另存 PDF", nil)
		return "", nil
	}
	made, err := soffice.Convert(ctx, soffice.PDFFirstPage, filepath.Dir(book), book)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, soffice.ErrAbsent):
		o.notPrinted(p.Name+"的 PDF 没有做：这台机器上没有 LibreOffice，请打开工作簿另存或打印", err)
		return "", nil
	case err != nil || len(made) != 1:
		o.notPrinted(p.Name+"的 PDF 没有做成："+errorText(err), err)
		return "", nil
	}
	return made[0], nil
}

func (o Options) notPrinted(why string, err error) {
	if o.NoPDF != nil {
		o.NoPDF(why, err)
	}
}

func errorText(err error) string {
	if err == nil {
		return "LibreOffice 没有给出文件"
	}
	return err.Error()
}
