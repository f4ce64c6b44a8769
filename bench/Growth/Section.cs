namespace MnistLstm.Growth;

/// <summary>One question of the report.</summary>
/// <param name="Title">The title: what grows with what.</param>
/// <param name="Text">A description of the measurement.</param>
/// <param name="Charts">Each by the end of its file's name.</param>
/// <param name="Table">Rows of cells, the first is the head.</param>
internal sealed record Section(
    string Title, string Text, IReadOnlyList<(string Name, LogLogChart Chart)> Charts,
    IReadOnlyList<IReadOnlyList<string>> Table);
