using System.Text;
using MnistLstm.Shared.Decoding;
using MnistLstm.Support;
using MnistLstm.Support.HardPictures;

namespace MnistLstm.Bench.Pictures;

/// <summary>Writes made pictures to a folder that the trainer's <c>evaluate</c> reads.</summary>
internal static class SavedPictures
{
    public const string Switch = "save";
    public const string SheetSwitch = "save-sheets";
    public const string HandSwitch = "save-hand";

    /// <summary>Pictures of every style, and <c>labels.csv</c> (<c>file,label,style</c>).</summary>
    public static void Save(string folder, int picturesAStyle, int firstPicture)
    {
        MnistImages mnist = MnistImages.Train();
        Directory.CreateDirectory(folder);
        var labels = new StringBuilder("file,label,style\n");
        foreach (PictureStyle style in Enum.GetValues<PictureStyle>())
        {
            for (int n = firstPicture; n < firstPicture + picturesAStyle; n++)
            {
                (byte[] file, int label) = HardPicture.Make(mnist, style, n);
                string name = Write(file, folder, $"{style}-{n}");
                labels.Append($"{name},{label},{style}\n");
            }
        }

        File.WriteAllText(Path.Combine(folder, "labels.csv"), labels.ToString());
    }

    /// <summary>Sheets of every style, and <c>labels.csv</c> (<c>file,text</c>), a space between two lines.</summary>
    public static void SaveSheets(string folder, int sheetsAStyle, int firstSheet)
    {
        MnistImages mnist = MnistImages.Train();
        Directory.CreateDirectory(folder);
        var labels = new StringBuilder("file,text\n");
        foreach (SheetStyle style in Enum.GetValues<SheetStyle>())
        {
            for (int n = firstSheet; n < firstSheet + sheetsAStyle; n++)
            {
                var sheet = Sheet.Make(mnist, style, n);
                string name = Write(sheet.File, folder, $"{style}-{n}");
                labels.Append($"{name},{sheet.Text.Replace('\n', ' ')}\n");
            }
        }

        File.WriteAllText(Path.Combine(folder, "labels.csv"), labels.ToString());
    }

    /// <summary>Pictures by one odd writer, and <c>labels.csv</c>.</summary>
    public static void SaveHand(string folder, int picturesADigit, int firstPicture, bool oddDigitsAlone)
    {
        Directory.CreateDirectory(folder);
        var labels = new StringBuilder("file,label\n");
        for (int n = firstPicture; n < firstPicture + picturesADigit; n++)
        {
            foreach (int digit in oddDigitsAlone ? OddHand.OddDigits : [.. Enumerable.Range(0, 10)])
            {
                string name = Write(OddHand.Make(digit, n), folder, $"{digit}-{n}");
                labels.Append($"{name},{digit}\n");
            }
        }

        File.WriteAllText(Path.Combine(folder, "labels.csv"), labels.ToString());
    }

    private static string Write(byte[] file, string folder, string name)
    {
        name += ImageHeader.Read(file).Format == ImageFormat.Jpeg ? ".jpg" : ".png";
        File.WriteAllBytes(Path.Combine(folder, name), file);
        return name;
    }
}
