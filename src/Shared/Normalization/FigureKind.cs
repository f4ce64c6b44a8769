namespace MnistLstm.Shared.Normalization;

/// <summary>How a figure compares with the others of the picture.</summary>
public enum FigureKind
{
    /// <summary>As high and as dark as most of the ink.</summary>
    Main,

    /// <summary>Lower than the main ones. It may be print: it only matters in a number.</summary>
    Lower,

    /// <summary>Paler than the main ones. It may be print or dirt: it only matters in a number.</summary>
    Paler,
}
