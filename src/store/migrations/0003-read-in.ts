/** Where a record was read that was set aside: Microsoft is asked there again. Nobody knows it of what is there already. */
export const readIn = `
ALTER TABLE quarantine ADD COLUMN read_from TEXT;
ALTER TABLE quarantine ADD COLUMN read_to TEXT;
`;
