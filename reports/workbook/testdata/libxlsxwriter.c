/* Writes the rows of wide() in write_test.go by libxlsxwriter, for the benchmark:
 *
 *     libxlsxwriter FILE ROWS constant|default
 *
 * constant keeps one row in memory and writes texts into their cells, default
 * keeps everything and each text once. It prints its peak memory in kB. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xlsxwriter.h>

static lxw_format *format(lxw_workbook *book, const char *number, int bold) {
    lxw_format *f = workbook_add_format(book);
    format_set_font_name(f, "宋体");
    format_set_align(f, LXW_ALIGN_VERTICAL_CENTER);
    if (number)
        format_set_num_format(f, number);
    if (bold)
        format_set_bold(f);
    return f;
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    int rows = atoi(argv[2]);
    lxw_workbook_options options = {.constant_memory = strcmp(argv[3], "constant") == 0};
    lxw_workbook *book = workbook_new_opt(argv[1], &options);
    lxw_worksheet *sheet = workbook_add_worksheet(book, "明细");
    lxw_format *text = format(book, "@", 0), *money = format(book, "#,##0.00", 0);
    lxw_format *date = format(book, "yyyy-mm-dd", 0), *moment = format(book, "yyyy-mm-dd hh:mm:ss", 0);
    lxw_format *count = format(book, "#,##0", 0), *head = format(book, NULL, 1), *total = format(book, "#,##0.00", 1);
    const char *titles[] = {"姓名", "身份证号", "乡镇", "村", "结算时间", "医院", "总费用", "范围内", "基本医保", "救助", "认定日期", "人次"};
    const int widths[] = {10, 20, 9, 9, 21, 16, 19, 19, 19, 19, 12, 19};

    for (int c = 0; c < 12; c++)
        worksheet_set_column(sheet, c, c, widths[c], NULL);
    worksheet_set_landscape(sheet);
    worksheet_set_paper(sheet, 9);
    worksheet_fit_to_pages(sheet, 1, 0);
    worksheet_repeat_rows(sheet, 1, 1);
    worksheet_freeze_panes(sheet, 2, 0);
    worksheet_merge_range(sheet, 0, 0, 0, 11, "明细", head);
    for (int c = 0; c < 12; c++)
        worksheet_write_string(sheet, 1, c, titles[c], head);

    const int factors[] = {31, 29, 17, 3};
    for (int i = 0; i < rows; i++) {
        char id[32];
        int r = i + 2;
        snprintf(id, sizeof id, "99330119700101%04d", i % 10000);
        worksheet_write_string(sheet, r, 0, "欧阳明月", text);
        worksheet_write_string(sheet, r, 1, id, text);
        worksheet_write_string(sheet, r, 2, "青柳镇", text);
        worksheet_write_string(sheet, r, 3, "上塘村", text);
        worksheet_write_number(sheet, r, 4, 45169 + (14 * 3600 + 30 * 60 + 59) / 86400.0, moment);
        worksheet_write_string(sheet, r, 5, "青柳县人民医院", text);
        for (int m = 0; m < 4; m++)
            worksheet_write_number(sheet, r, 6 + m, (double)((long)i * factors[m]) / 100, money);
        worksheet_write_number(sheet, r, 10, 43831, date);
        worksheet_write_number(sheet, r, 11, i, count);
    }

    long sum = (long)rows * (rows - 1) / 2;
    worksheet_write_string(sheet, rows + 2, 0, "合计", head);
    for (int m = 0; m < 5; m++) {
        char formula[64];
        int c = m < 4 ? 6 + m : 11;
        snprintf(formula, sizeof formula, "=SUM(%c3:%c%d)", 'A' + c, 'A' + c, rows + 2);
        worksheet_write_formula_num(sheet, rows + 2, c, formula, total, m < 4 ? (double)(sum * factors[m]) / 100 : (double)sum);
    }
    worksheet_autofilter(sheet, 1, 0, rows + 1, 11);
    if (workbook_close(book) != LXW_NO_ERROR)
        return 1;

    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmHWM:", 6) == 0)
            printf("%ld\n", atol(line + 6));
    return status ? 0 : 1;
}
