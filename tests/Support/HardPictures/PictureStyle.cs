namespace MnistLstm.Support.HardPictures;

/// <summary>Difficulties of pictures of digits.</summary>
public enum PictureStyle
{
    /// <summary>Scanned: even light paper, a pen of any width.</summary>
    Scan,

    /// <summary>Photographed in uneven light, with a shadow's edge across.</summary>
    Shadow,

    /// <summary>Photographed on ruled paper.</summary>
    Ruled,

    /// <summary>Photographed on squared paper.</summary>
    Squared,

    /// <summary>A pencil or a pen that hardly writes, on grainy paper.</summary>
    Faint,

    /// <summary>Out of focus, and coarsely compressed.</summary>
    Blurred,

    /// <summary>Colored ink on colored paper.</summary>
    Colored,

    /// <summary>A bit of the table or of a frame shows at a side.</summary>
    TableEdge,

    /// <summary>Chalk on a board, photographed.</summary>
    Chalk,

    /// <summary>A thin line in a large frame, black and white.</summary>
    ThinLine,

    /// <summary>A small digit on a large, otherwise empty canvas.</summary>
    SmallOnLarge,

    /// <summary>The strokes touch the picture's border.</summary>
    TouchingBorder,

    /// <summary>A transparent canvas, under dark or under white strokes.</summary>
    Transparent,

    /// <summary>A photo that the camera stored turned, with its orientation beside it.</summary>
    Turned,

    /// <summary>Dirt: specks of ink all over.</summary>
    Specks,

    /// <summary>12 to 24 pixels high.</summary>
    Tiny,

    /// <summary>A stroke that breaks off and goes on.</summary>
    Broken,

    /// <summary>A broad felt pen.</summary>
    FeltPen,

    /// <summary>
    /// Cut out closely, as from a form or an envelope: the strokes touch all four sides; 14 to 120 pixels high.
    /// </summary>
    CutOut,

    /// <summary>Written into the printed box of a form, scanned or photographed.</summary>
    FormBox,

    /// <summary>A lamp or a flash is reflected beside the digit or over it.</summary>
    Glare,

    /// <summary>The negative of a photo in uneven light: light strokes of a pen as broad as MNIST's, on gray.</summary>
    Negative,

    /// <summary>A small digit on a sheet that was photographed from afar.</summary>
    Distant,

    /// <summary>On ruled or squared paper whose lines are about as dark as the ink, scanned or photographed.</summary>
    DarkLines,

    /// <summary>
    /// Inside a surround of another tone on two, three or four sides: a page, letterbox bars, a desk, a plot's axes.
    /// </summary>
    Surround,

    /// <summary>On clean paper, where one part of the line is much paler than the rest.</summary>
    PaleStroke,

    /// <summary>A pen that skips and blots: the ink varies three to five times along the line.</summary>
    SkippingPen,

    /// <summary>Thin strokes with small hooks and loops.</summary>
    ThinLoops,

    /// <summary>A 0 with a slash.</summary>
    SlashedZero,

    /// <summary>A 4 that is open at the top.</summary>
    OpenFour,

    /// <summary>A 3 with a flat top.</summary>
    FlatThree,

    /// <summary>A 5 whose bar does not meet the rest.</summary>
    BrokenFive,

    /// <summary>Rotated by 20 degrees, either way.</summary>
    Rotated20,

    /// <summary>A photo from far away: a digit of 14 to 24 pixels.</summary>
    FarAway,

    /// <summary>A JPEG of quality 5 to 12.</summary>
    StrongJpeg,
}
