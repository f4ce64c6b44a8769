namespace MnistLstm.Api.Uploads;

/// <summary>One field of a form.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Start">Offset of its content in the body, in bytes.</param>
/// <param name="Length">Bytes of its content.</param>
public readonly record struct FormPart(string Name, int Start, int Length)
{
    /// <summary>Range of its content in the body.</summary>
    public Range Content => new(Start, Start + Length);

    /// <summary>The field of /predict.</summary>
    public const string File = "file";

    /// <summary>The field of /predict/batch.</summary>
    public const string Files = "files";

    /// <summary>Lists the fields of a form, at most ten.</summary>
    public static string Names(IReadOnlyList<FormPart> parts) =>
        parts.Count == 0 ? "no field" : string.Join(", ", parts.Select(part => $"'{part.Name}'").Distinct().Take(10));
}
