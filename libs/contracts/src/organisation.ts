const maxCharacters = 128;

/** Whether the database can hold it as the name of an organisation (`organisations_name_check`): whose name it cannot hold is not let in. */
export function isStorableOrganisation(name: string): boolean {
  // U+FFFD stands for bytes that were no UTF-8: names that differ would become one.
  return name !== '' && [...name].length <= maxCharacters && !/[\0\ufffd]/.test(name);
}
