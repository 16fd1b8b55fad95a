package biff

import (
	"errors"
	"fmt"

	"doudi/jobs/intake/sheet"
)

// Limits of what is taken from one file. Together they keep the reader under
// the memory limit of the process that package xls runs it in.
const (
	// MaxFile: a full sheet of 128 columns has about 150 MB.
	MaxFile = 256 << 20
	// maxText bounds the texts of a book and a sheet together, in UTF-8.
	maxText = sheet.MaxSharedStrings
	// maxStrings and maxCells bound what is counted, at 12 and 16 bytes each: 128
	// columns in every row. The widest national export has under 120.
	maxStrings = 1 << 23
	maxCells   = 1 << 23
	// maxRowText is as in package xlsx: many cells may share one long string.
	maxRowText = 16 << 20

	maxRows    = 1 << 16
	maxColumns = 256
)

// What the lower layers say; refuse turns it into a *sheet.FileError with the
// name of the part in it.
var (
	errCut       = errors.New("the stream stops before its end")
	errEncrypted = errors.New("a FILEPASS record")
	errOld       = errors.New("older than BIFF8")
	errLarge     = errors.New("more than is taken from one file")
	errCell      = errors.New("a cell holds more characters than allowed")
	errSheets    = errors.New("more sheets than allowed")
	errText      = errors.New("text with U+FFFD, half a surrogate pair or NUL")
	errBIFF      = errors.New("malformed record")
)

// malformed is errBIFF with what is wrong.
func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errBIFF, fmt.Sprintf(format, args...))
}

// refuse makes the *sheet.FileError for err. part names in Chinese what was
// being read. An error that is already a FileError is given back as it is.
func refuse(part string, err error) error {
	if sheet.CodeOf(err) != "" {
		return err
	}
	switch {
	case errors.Is(err, errCut):
		return sheet.Refuse(sheet.CodeTruncated, part+"不完整或已损坏，文件可能没有传完。请重新导出或重新拷贝后再导入。", err)
	case errors.Is(err, errEncrypted):
		return sheet.Refuse(sheet.CodeEncrypted, "文件设有密码，无法读取。请在 Excel 或 WPS 中取消密码，另存为 .xlsx 后再导入。", err)
	case errors.Is(err, errOld):
		return sheet.Refuse(sheet.CodeFormat, "这是 Excel 95 或更早版本的表格。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。", err)
	case errors.Is(err, errLarge):
		return sheet.Refuse(sheet.CodeLimit, part+"的内容过多。请拆分成几个较小的文件，或另存为 .xlsx 后再导入。", err)
	case errors.Is(err, errCell):
		return sheet.Refuse(sheet.CodeLimit, fmt.Sprintf("%s的文字超过 %d 个字符。请检查该单元格后再导入。", part, sheet.MaxCell), err)
	case errors.Is(err, errSheets):
		return sheet.Refuse(sheet.CodeLimit, fmt.Sprintf("工作簿的工作表超过 %d 个。请只保留要导入的工作表后再导入。", sheet.MaxSheets), err)
	case errors.Is(err, errText):
		return sheet.Refuse(sheet.CodeEncoding, part+"有乱码（无法识别的字符）。请从原系统重新导出后再导入。", err)
	}
	return sheet.Refuse(sheet.CodeFormat, part+"的内容不符合 .xls 规范。请用 Excel 或 WPS 打开，另存为新的 .xlsx 后再导入。", err)
}
