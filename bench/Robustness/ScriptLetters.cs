using System.Globalization;
using MnistLstm.Shared.Pixels;
using SkiaSharp;

namespace MnistLstm.Bench.Robustness;

/// <summary>
/// Letters of some thirty writing systems, printed: a yardstick, never training data. The Debian package
/// fonts-noto-core installs the fonts.
/// </summary>
internal static class ScriptLetters
{
    public const string FolderVariable = "SCRIPT_FONTS_DIR";

    private const string InstalledFolder = "/usr/share/fonts/truetype/noto";

    public const string HowToGet =
        $"The fonts were not found. Install the Debian package fonts-noto-core or set {FolderVariable}.";

    private const int Side = 96;
    private const int TextSize = 60;

    /// <summary>Letters of each writing system, spread evenly over its Unicode block.</summary>
    private const int LettersOfAScript = 60;

    /// <summary>A font's file and the Unicode block of its letters.</summary>
    private static readonly (string Font, int First, int Last)[] Scripts =
    [
        ("NaskhArabic", 0x620, 0x64A), ("SansArmenian", 0x531, 0x586), ("SansBalinese", 0x1B05, 0x1B33),
        ("SansBengali", 0x985, 0x9B9), ("SansCanadianAboriginal", 0x1401, 0x1676), ("SansCherokee", 0x13A0, 0x13F4),
        ("SansDevanagari", 0x904, 0x939), ("SansEthiopic", 0x1200, 0x135A), ("SansGeorgian", 0x10A0, 0x10F0),
        ("SansGlagolitic", 0x2C00, 0x2C5E), ("SansGothic", 0x10330, 0x1034A), ("SansGujarati", 0xA85, 0xAB9),
        ("SansGurmukhi", 0xA05, 0xA39), ("SansHebrew", 0x5D0, 0x5EA), ("SansJavanese", 0xA984, 0xA9B2),
        ("SansKannada", 0xC85, 0xCB9), ("SansKhmer", 0x1780, 0x17B3), ("SansLao", 0xE81, 0xEB0),
        ("SansMalayalam", 0xD05, 0xD39), ("SansMongolian", 0x1820, 0x1877), ("SansMyanmar", 0x1000, 0x102A),
        ("SansNKo", 0x7CA, 0x7EA), ("SansOlChiki", 0x1C5A, 0x1C77), ("SansOriya", 0xB05, 0xB39),
        ("SansRunic", 0x16A0, 0x16EA), ("SansSinhala", 0xD85, 0xDC6), ("SansSyriac", 0x710, 0x72F),
        ("SansTagalog", 0x1700, 0x1711), ("SansTamil", 0xB85, 0xBB9), ("SansTelugu", 0xC05, 0xC39),
        ("SansThaana", 0x780, 0x7A5), ("SansThai", 0xE01, 0xE2E), ("SansTifinagh", 0x2D30, 0x2D67),
        ("SansVai", 0xA500, 0xA60B), ("SerifTibetan", 0xF40, 0xF6C),
    ];

    /// <returns>Dark letters on light paper; null where a font is missing.</returns>
    public static IReadOnlyList<GrayImage>? Draw()
    {
        string? named = Environment.GetEnvironmentVariable(FolderVariable);
        string folder = string.IsNullOrEmpty(named) ? InstalledFolder : named;
        var letters = new List<GrayImage>();
        foreach ((string name, int first, int last) in Scripts)
        {
            string path = Path.Combine(folder, $"Noto{name}-Regular.ttf");
            using SKTypeface? typeface = File.Exists(path) ? SKTypeface.FromFile(path) : null;
            if (typeface is null)
            {
                return null;
            }

            using var font = new SKFont(typeface, TextSize);
            int[] all =
            [
                .. Enumerable.Range(first, last - first + 1).Where(code => IsLetter(code) && font.ContainsGlyph(code)),
            ];
            int count = Math.Min(all.Length, LettersOfAScript);
            letters.AddRange(Enumerable.Range(0, count).Select(n => Draw(font, all[n * all.Length / count])));
        }

        return letters;
    }

    private static bool IsLetter(int code) => CharUnicodeInfo.GetUnicodeCategory(code)
        is UnicodeCategory.OtherLetter or UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter;

    private static GrayImage Draw(SKFont font, int code)
    {
        string text = char.ConvertFromUtf32(code);
        using var bitmap = new SKBitmap(new SKImageInfo(Side, Side, SKColorType.Gray8, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        canvas.Clear(SKColors.White);
        font.MeasureText(text, out SKRect box);
        float scale = Math.Min(1, 0.8f * Side / Math.Max(box.Width, box.Height));
        canvas.Translate(Side / 2f, Side / 2f);
        canvas.Scale(scale);
        canvas.DrawText(text, -box.MidX, -box.MidY, SKTextAlign.Left, font, paint);
        canvas.Flush();
        var picture = new GrayImage(Side, Side);
        for (int y = 0; y < Side; y++)
        {
            bitmap.GetPixelSpan().Slice(y * bitmap.RowBytes, Side).CopyTo(picture.Row(y));
        }

        return picture;
    }
}
