package xlsx

import (
	"archive/zip"
	"compress/flate"
	"errors"
	"fmt"
	"io"

	"doudi/jobs/intake/sheet"
)

// What the lower layers say; refuse turns it into a *sheet.FileError with the
// name of the part in it.
var (
	errCut      = errors.New("the part stops before its end")
	errUnpacked = errors.New("the part is larger unpacked than allowed")
	errToken    = errors.New("a tag or text is longer than allowed")
	errCell     = errors.New("a cell holds more characters than allowed")
	errSheets   = errors.New("more sheets than allowed")
	errParts    = errors.New("more parts than allowed")
	errText     = errors.New("text with U+FFFD, invalid UTF-8 or a forbidden control character")
	errCharset  = errors.New("the part is neither UTF-8 nor UTF-16")
	errXML      = errors.New("malformed part")
)

// malformed is errXML with what is wrong.
func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errXML, fmt.Sprintf(format, args...))
}

// refuse makes the *sheet.FileError for err. part names in Chinese what was
// being read, e.g. 工作表“名单”. An error that is already a FileError is given
// back as it is.
func refuse(part string, err error) error {
	if sheet.CodeOf(err) != "" {
		return err
	}
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, errParts):
		return sheet.Refuse(sheet.CodeLimit, fmt.Sprintf("文件内部的部件超过 %d 个。请把表格复制到新的工作簿，另存为 .xlsx 后再导入。", maxParts), err)
	case errors.Is(err, errCut), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF),
		errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrFormat), errors.As(err, &corrupt):
		return sheet.Refuse(sheet.CodeTruncated, part+"不完整或已损坏，文件可能没有传完。请重新导出或重新拷贝后再导入。", err)
	case errors.Is(err, errUnpacked), errors.Is(err, errToken):
		return sheet.Refuse(sheet.CodeLimit, part+"解压后过大。请把数据复制到新的工作簿，或拆分成几个文件，另存为 .xlsx 后再导入。", err)
	case errors.Is(err, errCell):
		return sheet.Refuse(sheet.CodeLimit, fmt.Sprintf("%s的文字超过 %d 个字符。请检查该单元格后再导入。", part, sheet.MaxCell), err)
	case errors.Is(err, errSheets):
		return sheet.Refuse(sheet.CodeLimit, fmt.Sprintf("工作簿的工作表超过 %d 个。请只保留要导入的工作表后再导入。", sheet.MaxSheets), err)
	case errors.Is(err, errText):
		return sheet.Refuse(sheet.CodeEncoding, part+"有乱码（无法识别的字符）。请从原系统重新导出后再导入。", err)
	case errors.Is(err, errCharset):
		return sheet.Refuse(sheet.CodeEncoding, part+"的编码既不是 UTF-8 也不是 UTF-16。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。", err)
	case errors.Is(err, zip.ErrAlgorithm):
		return sheet.Refuse(sheet.CodeFormat, part+"用了不支持的压缩方式。请用 Excel 或 WPS 打开，另存为 .xlsx 后再导入。", err)
	}
	return sheet.Refuse(sheet.CodeFormat, part+"的内容不符合 .xlsx 规范。请用 Excel 或 WPS 打开，另存为新的 .xlsx 后再导入。", err)
}
