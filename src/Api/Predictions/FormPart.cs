namespace MnistLstm.Api.Predictions;

/// <summary>One field of a form.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Start">Where its content begins in the body, in bytes.</param>
/// <param name="Length">Bytes of its content.</param>
public readonly record struct FormPart(string Name, int Start, int Length)
{
    /// <summary>The field of /predict.</summary>
    public const string File = "file";

    /// <summary>The field of /predict/batch.</summary>
    public const string Files = "files";
}
