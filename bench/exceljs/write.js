// `node --expose-gc write.js ROWS BLOCK TARGET`: exceljs's part of the spreadsheet benchmark. It writes one styled
// file by the streaming writer and prints what it took, as JSON; the rows are in memory before anything is measured.
'use strict';

const fs = require('node:fs');
const ExcelJS = require('exceljs');

const [count, block, target] = [Number(process.argv[2]), process.argv[3], process.argv[4]];
const WARM_ROWS = 10;
const PAUSE = 1000; // rows, after which what is written can flow away
const FORMATS = { decimal: '0.000000', minutes: '0.00', date: 'yyyy-mm-dd', 'date-time': 'yyyy-mm-dd hh:mm:ss' };

function loaded() {
  const { columns, rows } = JSON.parse(fs.readFileSync(block, 'utf8'));
  columns.forEach(({ kind }, place) => {
    if (kind !== 'date' && kind !== 'date-time') return;
    for (const row of rows) if (row[place] !== null) row[place] = new Date(row[place]);
  });
  return { columns, rows };
}

async function write({ columns, rows }, number) {
  const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: target, useStyles: true, useSharedStrings: false });
  const sheet = workbook.addWorksheet('Call Details', { views: [{ state: 'frozen', ySplit: 1 }] });
  const style = {
    font: { size: 11 },
    alignment: { vertical: 'middle', horizontal: 'left' },
    border: { bottom: { style: 'thin', color: { argb: 'FFE0E0E0' } } },
  };
  sheet.columns = columns.map(({ label, kind }) => ({ header: label, style: { ...style, numFmt: FORMATS[kind] } }));
  for (let place = 0; place < number; place += 1) {
    sheet.addRow(rows[place % rows.length]).commit();
    if (place % PAUSE === 0) await new Promise(setImmediate);
  }
  sheet.commit();
  await workbook.commit();
}

function memory(name) {
  return 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
}

async function main() {
  const table = loaded();
  await write(table, WARM_ROWS);
  global.gc();
  fs.writeFileSync('/proc/self/clear_refs', '5'); // the highest memory begins anew
  const [idle, cpu, wall] = [memory('VmRSS'), process.cpuUsage(), process.hrtime.bigint()];
  await write(table, count);
  const used = process.cpuUsage(cpu);
  const result = {
    cpu: (used.user + used.system) / 1e6,
    wall: Number(process.hrtime.bigint() - wall) / 1e9,
    peak: memory('VmHWM') - idle,
    size: fs.statSync(target).size,
  };
  console.log(JSON.stringify(result));
}

main();
