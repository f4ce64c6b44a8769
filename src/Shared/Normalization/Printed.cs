namespace MnistLstm.Shared.Normalization;

/// <summary>Printed matter to leave out.</summary>
internal enum Printed
{
    Nothing,

    /// <summary>Ink around other ink, as the box of a form.</summary>
    Boxes,

    /// <summary>Lines across the whole picture, as on ruled paper.</summary>
    Lines,
}
