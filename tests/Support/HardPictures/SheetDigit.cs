using SkiaSharp;

namespace MnistLstm.Support.HardPictures;

/// <summary>A digit on a sheet.</summary>
/// <param name="Label">0 to 9.</param>
/// <param name="Line">From 0, from top to bottom.</param>
/// <param name="Box">Around its ink, in pixels of the picture.</param>
public sealed record SheetDigit(int Label, int Line, SKRect Box);
