namespace MnistLstm.Support.HardPictures;

/// <summary>Styles of writing and paper of a sheet.</summary>
public enum SheetStyle
{
    /// <summary>Four digits in a line with paper between them, scanned or photographed.</summary>
    Separated,

    /// <summary>Two digits that touch.</summary>
    TouchingPair,

    /// <summary>3 to 6 digits in a line: some touch, some are close.</summary>
    Close,

    /// <summary>1 to 8 digits in a line, with more paper between them than they are wide.</summary>
    Wide,

    /// <summary>Two or three lines of 1 to 8 digits.</summary>
    Lines,

    /// <summary>One or two lines of 2 to 8 digits, tilted by 3 to 10 degrees.</summary>
    Tilted,

    /// <summary>2 to 8 digits, each in a printed box of a form.</summary>
    FormBoxes,

    /// <summary>One or two lines of 2 to 8 digits on ruled paper.</summary>
    Ruled,

    /// <summary>One or two lines of 2 to 8 digits on squared paper.</summary>
    Squared,

    /// <summary>2 to 8 digits of different sizes, pens and inks.</summary>
    Mixed,

    /// <summary>A photo in uneven light, with a shadow's edge across.</summary>
    Shadow,

    /// <summary>Chalk on a board, photographed.</summary>
    Chalk,

    /// <summary>2 to 6 digits with a minus before them and a decimal point between them.</summary>
    Signs,

    /// <summary>
    /// 2 to 6 of MNIST's images, enlarged, side by side in a clean picture, with paper between their ink.
    /// </summary>
    Pasted,

    /// <summary>Two of MNIST's images, enlarged, side by side in a clean picture, until their ink touches.</summary>
    PastedPair,
}
